/**
 * Colours and measures of the application, light and dark: antd's tokens, and the same as CSS variables (`--ll-…`)
 * for everything that is not antd. Secondary text and placeholders are darker than antd's, for WCAG AA.
 */
import { theme as antd, type ThemeConfig } from 'antd';

export type Scheme = 'light' | 'dark';

interface Palette {
  primary: string;
  /** With more contrast than `primary`, not less. */
  primaryHover: string;
  text: string;
  textSecondary: string;
  textQuiet: string;
  page: string;
  surface: string;
  raised: string;
  border: string;
  borderStrong: string;
  hover: string;
  selected: string;
  success: string;
  warning: string;
  error: string;
  info: string;
  successSurface: string;
  warningSurface: string;
  errorSurface: string;
  infoSurface: string;
  /** What diagrams are drawn on: paper, in both schemes. */
  canvas: string;
}

export const PALETTES: Readonly<Record<Scheme, Palette>> = {
  light: {
    primary: '#0b5cad',
    primaryHover: '#084a8c',
    text: '#1c2733',
    textSecondary: '#4a5764',
    textQuiet: '#5b6773',
    page: '#f4f6f8',
    surface: '#ffffff',
    raised: '#ffffff',
    border: '#dde3e9',
    borderStrong: '#8793a0',
    hover: '#f0f5fa',
    selected: '#e3effb',
    success: '#1a7a3c',
    warning: '#96590a',
    error: '#c02b2b',
    info: '#0b5cad',
    successSurface: '#e9f6ed',
    warningSurface: '#fdf3e1',
    errorSurface: '#fdecec',
    infoSurface: '#e8f1fb',
    canvas: '#ffffff',
  },
  dark: {
    primary: '#6db1f5',
    primaryHover: '#93c6f9',
    text: '#e6ebf0',
    textSecondary: '#b3bdc7',
    textQuiet: '#a3aeb9',
    page: '#10161c',
    surface: '#18212a',
    raised: '#202b35',
    border: '#2f3c48',
    borderStrong: '#6d7b88',
    hover: '#202c38',
    selected: '#1d3850',
    success: '#6fcf8e',
    warning: '#e8b25c',
    error: '#f48a8a',
    info: '#6db1f5',
    successSurface: '#173324',
    warningSurface: '#382a12',
    errorSurface: '#3d1d1f',
    infoSurface: '#16304a',
    canvas: '#f1f4f6',
  },
};

/** antd's configuration for a scheme. */
export function antdTheme(scheme: Scheme, reducedMotion: boolean): ThemeConfig {
  const colours = PALETTES[scheme];
  const onPrimary = scheme === 'light' ? '#ffffff' : '#0b1620';
  return {
    algorithm: scheme === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: colours.primary,
      colorPrimaryHover: colours.primaryHover,
      colorPrimaryActive: colours.primaryHover,
      colorLink: colours.primary,
      colorLinkHover: colours.primaryHover,
      colorLinkActive: colours.primaryHover,
      colorSuccess: colours.success,
      colorWarning: colours.warning,
      colorError: colours.error,
      // antd's own is too light for the words on it.
      colorErrorHover: scheme === 'light' ? '#a52323' : '#f7a6a6',
      colorInfo: colours.info,
      colorSuccessBg: colours.successSurface,
      colorWarningBg: colours.warningSurface,
      colorErrorBg: colours.errorSurface,
      colorInfoBg: colours.infoSurface,
      colorText: colours.text,
      colorTextSecondary: colours.textSecondary,
      colorTextTertiary: colours.textQuiet,
      colorTextDescription: colours.textSecondary,
      colorTextPlaceholder: colours.textQuiet,
      colorTextLightSolid: onPrimary,
      colorBgLayout: colours.page,
      colorBgContainer: colours.surface,
      colorBgElevated: colours.raised,
      colorBorder: colours.borderStrong,
      colorBorderSecondary: colours.border,
      borderRadius: 6,
      fontSize: 14,
      fontFamily:
        'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
      motion: !reducedMotion,
    },
    components: {
      Menu: { itemSelectedBg: colours.selected, itemSelectedColor: colours.primary },
      Tooltip: { colorBgSpotlight: '#26323e', colorTextLightSolid: '#ffffff' },
      Layout: { headerBg: colours.surface, siderBg: colours.surface, bodyBg: colours.page },
    },
  };
}

/** Put the colours on the document, where style sheets read them. */
export function applyScheme(scheme: Scheme): void {
  const root = document.documentElement;
  root.dataset.theme = scheme;
  root.style.colorScheme = scheme;
  for (const [name, value] of Object.entries(PALETTES[scheme])) {
    root.style.setProperty(`--ll-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value);
  }
}
