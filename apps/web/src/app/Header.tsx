import { Radio, SunMoon } from "lucide-react";
import { Link, NavLink } from "react-router";
import { text } from "../text/text";
import { chooseLanguage, chosenLanguage, languages, type Language } from "../text/languages";
import { Mark } from "./Mark";
import { switchTheme } from "./theme";

export function Header() {
  return (
    <header className="header">
      <Link className="brand" to="/">
        <Mark />
        {text.brand}
      </Link>
      <nav aria-label={text.nav.main}>
        <NavLink to="/" end>
          {text.nav.live}
        </NavLink>
      </nav>
      <div className="row push">
        <Link className="button main" to="/broadcast">
          <Radio size={18} strokeWidth={1.75} aria-hidden />
          {text.nav.goLive}
        </Link>
        <LanguageSelect />
        <button className="icon-button" aria-label={text.nav.theme} onClick={switchTheme}>
          <SunMoon size={18} strokeWidth={1.75} aria-hidden />
        </button>
      </div>
    </header>
  );
}

function LanguageSelect() {
  return (
    <select
      className="language wide-only"
      aria-label={text.nav.language}
      defaultValue={chosenLanguage()}
      onChange={({ target }) => chooseLanguage(target.value as Language)}
    >
      {Object.entries(languages).map(([language, name]) => (
        <option key={language} value={language} lang={language}>
          {name}
        </option>
      ))}
    </select>
  );
}
