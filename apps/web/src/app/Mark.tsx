/** Six peers in columns of 3, 2 and 1 that read as a play triangle; the last one is fed by all. */
export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden>
      <path
        d="M4 3.6L11.5 7.3L4 11L11.5 14.7L4 18.4M11.5 7.3L19 11L11.5 14.7"
        fill="none"
        stroke="currentColor"
        opacity=".45"
      />
      <g fill="currentColor">
        <circle cx="4" cy="3.6" r="2.3" />
        <circle cx="4" cy="11" r="2.3" />
        <circle cx="4" cy="18.4" r="2.3" />
        <circle cx="11.5" cy="7.3" r="2.3" />
        <circle cx="11.5" cy="14.7" r="2.3" />
      </g>
      <circle cx="19" cy="11" r="2.9" fill="var(--color-peer)" />
    </svg>
  );
}
