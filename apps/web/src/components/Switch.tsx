import "./switch.css";
import { useId } from "react";

interface Props {
  label: string;
  meaning?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** On or off, with a line that says what it means. */
export function Switch({ label, meaning, checked, disabled, onChange }: Props) {
  const id = useId();
  return (
    <label className="switch-line">
      <input
        type="checkbox"
        className="switch"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={meaning ? id : undefined}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span>
        <span className="strong">{label}</span>
        {meaning && (
          <span className="tiny faint block" id={id}>
            {meaning}
          </span>
        )}
      </span>
    </label>
  );
}
