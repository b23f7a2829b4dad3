import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import typescript from 'typescript-eslint';

/** What types do not say: hooks, accessibility, and what nobody means to write. */
export default typescript.config(
  { ignores: ['src/api/schema.d.ts', 'node_modules', 'public'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [typescript.configs.recommended, a11y.flatConfigs.recommended],
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-eval': 'error',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],

      // What a page really is for people with disabilities, axe decides in the browser tests.
      // Tabs have the focus, not their list.
      'jsx-a11y/interactive-supports-focus': 'off',
      // A region that scrolls must be reachable by keyboard.
      'jsx-a11y/no-noninteractive-tabindex': 'off',
      // Where a dialog or the sign-in page asks for one thing, the keyboard goes there.
      'jsx-a11y/no-autofocus': 'off',
    },
  },
  { files: ['e2e/**', 'scripts/**'], rules: { 'no-console': 'off' } },
);
