import css from '@eslint/css';
import js from '@eslint/js';
import html from '@html-eslint/eslint-plugin';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['**/dist/', '**/bin/', '**/obj/', '**/wwwroot/']),
  {
    files: ['**/*.{js,ts,tsx}'],
    extends: [js.configs.recommended],
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error' },
  },

  // The package and the shop: types are part of the rules.
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // A number in a template is what a template is for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // () => tick() is how one says it.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      // What was caught is passed on as it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // React takes a function that returns a promise, and ignores the promise.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false, properties: false } }],
    },
  },
  {
    files: ['**/*.tsx', '**/use*.ts'],
    extends: [reactHooks.configs.flat['recommended-latest'], jsxA11y.flatConfigs.strict],
  },
  {
    files: ['longpoll-react/src/engine/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['react', 'react-*', '../react/*'], message: 'The engine knows no React.' }] }],
    },
  },
  {
    files: ['**/tests/**'],
    rules: {
      // A test that finds nothing where something must be has failed, and says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },

  // Pages that the server and the sandbox carry as they are.
  {
    files: ['LongPoll.*/**/*.js'],
    languageOptions: { sourceType: 'script', globals: globals.browser },
  },
  {
    files: ['**/*.html'],
    plugins: { html },
    language: 'html/html',
    extends: ['html/recommended'],
    rules: {
      // Layout is for .editorconfig and the eye.
      'html/indent': 'off',
      'html/attrs-newline': 'off',
      'html/element-newline': 'off',
      'html/no-extra-spacing-attrs': 'off',
      'html/require-closing-tags': ['error', { selfClosing: 'never' }],
      'html/require-button-type': 'error',
      'html/require-lang': 'error',
      'html/require-title': 'error',
      'html/require-meta-viewport': 'error',
      'html/no-positive-tabindex': 'error',
      'html/no-accesskey-attrs': 'error',
      'html/require-input-label': 'error',
    },
  },
  {
    files: ['**/*.css'],
    plugins: { css },
    language: 'css/css',
    extends: ['css/recommended'],
    // Which browsers know a property is decided by looking: what is used degrades where it is missing.
    // !important stands where nothing may win: [hidden], and no motion for who wants none.
    // Variables are set in another file than they are used in.
    rules: { 'css/use-baseline': 'off', 'css/no-important': 'off', 'css/no-invalid-properties': ['error', { allowUnknownVariables: true }] },
  },
  { files: ['*.js', '**/*.config.{js,ts}'], languageOptions: { globals: globals.node } },
);
