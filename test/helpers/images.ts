import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Builds the images of the acceptance manifests on the desktop's engine: `busybox`, and `k8s-demo:0.0.1-SNAPSHOT` by a docker build. */
export function buildTestImages(): void {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-images-'))
  try {
    const root = join(directory, 'root')
    for (const folder of ['bin', 'tmp', 'etc', 'root', 'var', 'usr', 'dev', 'proc', 'sys'])
      mkdirSync(join(root, folder), { recursive: true })
    cpSync('/bin/busybox', join(root, 'bin/busybox'))
    const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n')
    for (const applet of applets)
      if (applet !== '' && applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
    const archive = join(directory, 'root.tar')
    execFileSync('tar', ['-C', root, '-cf', archive, '.'])
    execFileSync('docker', ['import', '-c', 'ENV PATH=/bin', '-c', 'CMD ["sh"]', archive, 'busybox:latest'], {
      stdio: 'ignore',
    })
    writeFileSync(
      join(directory, 'Dockerfile'),
      [
        'FROM busybox',
        "RUN mkdir -p /www && printf 'hello k8s demo.' > /www/hello",
        'CMD ["httpd","-f","-p","8080","-h","/www"]',
        '',
      ].join('\n'),
    )
    rmSync(archive)
    rmSync(root, { recursive: true })
    execFileSync('docker', ['build', '-q', '-t', 'k8s-demo:0.0.1-SNAPSHOT', directory], { stdio: 'ignore' })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
