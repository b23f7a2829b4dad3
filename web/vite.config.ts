import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.LENDLOOM_URL ?? 'http://127.0.0.1:8080';

/** The application is built into the Python package that serves it; `npm run dev` asks a running server. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: '../api/static',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(['/v2', '/oauth', '/openapi.json', '/docs', '/health'].map((path) => [path, server])),
  },
});
