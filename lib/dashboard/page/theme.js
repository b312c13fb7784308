const THEMES = /** @type {const} */ (['system', 'light', 'dark']);
const KEY = 'nestjs-freelance.theme';

/** A button goes through the themes, and the browser remembers the choice. @param {HTMLElement} button */
export function offerThemes(button) {
  let theme = remembered();
  apply();
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    remember(theme);
    apply();
  });

  function apply() {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    button.textContent = `Theme: ${theme}`;
  }
}

function remembered() {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === stored) ?? 'system';
  } catch {
    // Storage is off for this site.
    return 'system';
  }
}

/** @param {string} theme */
function remember(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}
