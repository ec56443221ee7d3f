// `npm test`: every test, after everything they need is there. `test.mjs e2e` runs only those on real nodes and a real browser.
// Ends with `N passed, N failed`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensurePackages } from './lib/packages.mjs'
import { ensureClients } from './lib/clients.mjs'
import { bin, environment, root, run, step } from './lib/shell.mjs'
import { setup } from './setup.mjs'

const only = process.argv[2]
const suites = only === 'e2e' ? ['e2e'] : ['unit', 'renderer', 'integration', 'e2e']

function gate() {
  for (const [command, ...args] of [
    ['oxfmt', '--check', '.'],
    ['oxlint', '--type-aware', '--deny-warnings', '.'],
    ['tsc', '--noEmit', '-p', 'tsconfig.json'],
    ['vue-tsc', '--noEmit', '-p', 'tsconfig.renderer.json'],
  ]) {
    run(join(bin, command), args)
  }
}

/**
 * Runs one project of vitest and counts its tests from its own report. The unit tests are measured: a pure part that covers less of its
 * branches than vitest.config.ts asks counts as one failure.
 */
function suite(name) {
  const report = join(root, '.cache', `${name}.json`)
  rmSync(report, { force: true })
  const args = [
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--passWithNoTests',
    ...(name === 'unit' ? ['--coverage'] : []),
  ]
  const done = spawnSync(join(bin, 'vitest'), args, { cwd: root, stdio: 'inherit', env: environment() })
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'))
  const broken = done.status !== 0 && numFailedTests === 0
  return { passed: numPassedTests, failed: numFailedTests + (broken ? Math.max(1, numFailedTestSuites) : 0) }
}

try {
  await setup()
  mkdirSync(join(root, '.cache'), { recursive: true })
  if (process.platform === 'linux') {
    await step('Browser, fonts and tools of the tests', () =>
      ensurePackages({
        chromium: '/usr/bin/chromium',
        'fonts-noto-cjk': '/usr/share/fonts/opentype/noto',
        'busybox-static': '/bin/busybox',
        unzip: '/usr/bin/unzip',
        curl: '/usr/bin/curl',
        strace: '/usr/bin/strace',
        'nginx-light': '/usr/sbin/nginx',
        // Nodes' networks in namespaces of the kernel.
        iproute2: '/usr/bin/ip',
        iptables: '/usr/sbin/iptables',
        ipset: '/usr/sbin/ipset',
        conntrack: '/usr/sbin/conntrack',
        socat: '/usr/bin/socat',
      }),
    )
    await step('Clients: kubectl', ensureClients)
  }
  if (!only) await step('Format, lint and types', gate)
  const totals = { passed: 0, failed: 0 }
  for (const name of suites) {
    const { passed, failed } = suite(name)
    totals.passed += passed
    totals.failed += failed
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  process.exit(totals.failed > 0 ? 1 : 0)
} catch (error) {
  console.error(`\n${error.message}`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
