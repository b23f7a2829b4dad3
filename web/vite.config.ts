import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { licences } from './licences';
import { literalWords } from './literalWords';
import { LITERAL_WORDS } from './src/desks/design/vendor/literalDictionary';
import { silentIcons } from './silentIcons';
import { vendorColours } from './vendorColours';
import { vendorWords } from './vendorWords';

const server = process.env.LENDLOOM_URL ?? 'http://127.0.0.1:8080';

// The package names its development build for browsers; what people load is the other one.
const router = fileURLToPath(new URL('node_modules/react-router/dist/production/index.mjs', import.meta.url));

/** The application is built into the Python package that serves it; `npm run dev` asks a running server. */
export default defineConfig(({ command }) => ({
  plugins: [silentIcons(), vendorWords(), vendorColours(), literalWords(LITERAL_WORDS), react(), licences()],
  resolve: { alias: command === 'build' ? [{ find: /^react-router$/, replacement: router }] : [] },
  build: {
    outDir: '../api/static',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
  // The plugin changes files of dependencies, which must not be bundled before it sees them.
  optimizeDeps: { exclude: ['@bpmn-io/form-js-viewer'] },
  server: {
    proxy: Object.fromEntries(['/v2', '/oauth', '/openapi.json', '/docs', '/health'].map((path) => [path, server])),
  },
}));
