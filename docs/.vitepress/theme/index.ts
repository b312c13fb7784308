import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import './site.css';
import { VersionMenu } from './version-menu.js';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('VersionMenu', VersionMenu);
  },
} satisfies Theme;
