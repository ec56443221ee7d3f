import { UserError } from '../../cluster/user-error.ts'

/** Helm's words, and what to do then; the first that fits. */
const remedies: ReadonlyArray<readonly [RegExp, string]> = [
  [/cannot re-?use a name/i, 'Choose another name, or upgrade the release that has it.'],
  [/repository name .*already exists/i, 'Choose another name for the repository.'],
  [
    /another operation .*is in progress/i,
    'Wait until it is done; when it was interrupted, roll back to a revision that worked, or uninstall the release.',
  ],
  [
    /no repositories (to show|configured)|repo(sitory)? .*not found|no repo named/i,
    'Add the repository, or update those there are.',
  ],
  [
    /no chart (name|version) found|chart .*not found|improper constraint/i,
    'Update the repositories, and see which versions there are.',
  ],
  [/namespaces? "[^"]*" not found/i, 'Tick “Make the namespace”, or choose one that is there.'],
  [/is forbidden|unauthorized/i, 'Sign in as somebody who may do that in this cluster.'],
  [/don't meet the specifications of the schema/i, 'Correct the values it names.'],
  [
    /invalid ownership metadata|already exists/i,
    'Delete what is in the way, or install under the name of the release that owns it.',
  ],
  [/no matches for kind|ensure CRDs are installed/i, 'Install first what brings these kinds into the cluster.'],
  [
    /template|executing|parse error|render/i,
    'The chart cannot be rendered with these values: correct them, or the chart.',
  ],
  [/cluster unreachable|connection refused/i, 'Start the cluster.'],
  [
    /context deadline exceeded|timed out waiting|not ready/i,
    'What was made is there, but not ready: see its events and logs, then upgrade or roll back.',
  ],
  [
    /no such host|i\/o timeout|dial tcp|failed to fetch|network is unreachable/i,
    'Check the address and the network, then try again.',
  ],
  [
    /path "[^"]*" not found|no such file|chart\.yaml file is missing|not a directory/i,
    'Check the path: a chart is a folder with a Chart.yaml, or a .tgz of one.',
  ],
  [/release: not found|release not found/i, 'It is gone already; look at the list.'],
]

/** A failure in helm's own words, without warnings that are not it, with the next step where one is known. */
export function failureOf(said: string): UserError {
  const lines = said.trim().split('\n')
  const begin = lines.findIndex((line) => line.startsWith('Error: '))
  const words = (begin < 0 ? lines : lines.slice(begin)).join('\n').replace(/^Error: /, '')
  return new UserError(words, remedies.find(([form]) => form.test(words))?.[1])
}
