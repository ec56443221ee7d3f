import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { LEAST_BRANCHES, pureParts } from './test/architecture/coverage.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            'src-kube/**/*.test.ts',
            'src-wire/**/*.test.ts',
            'src-main/**/*.test.ts',
            'src-node/**/*.test.ts',
            'src-ingress/**/*.test.ts',
            'test/architecture/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          include: ['src-renderer/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: [...pureParts],
      reporter: ['text-summary', 'json-summary'],
      reportsDirectory: '.cache/coverage',
      thresholds: Object.fromEntries(pureParts.map((pattern) => [pattern, { branches: LEAST_BRANCHES }])),
    },
  },
})
