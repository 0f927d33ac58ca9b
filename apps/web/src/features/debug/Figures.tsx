import { Fragment, type ReactNode } from "react";

/** Name and figure, a line each. */
export function Figures({ rows }: { rows: readonly (readonly [name: string, value: ReactNode, testId?: string])[] }) {
  return (
    <dl className="debug-figures">
      {rows.map(([name, value, testId]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd data-testid={testId}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
