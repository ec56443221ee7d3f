// What must hold before any test is run, as `[title, command, arguments]`: `npm run ok` and `npm test` check the same.
export const checks = [
  ['format', 'oxfmt', ['--check', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', '.']],
  ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['types (renderer)', 'vue-tsc', ['--noEmit', '-p', 'tsconfig.renderer.json']],
  ['types (renderer tests)', 'vue-tsc', ['--noEmit', '-p', 'tsconfig.renderer-tests.json']],
]
