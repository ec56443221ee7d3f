/** The hello demo of a new cluster, and what its creation is doing. */
export const enDemo = {
  hello: {
    title: 'Hello demo',
    body: 'Three small web servers on your nodes, behind one address of this desktop. Each answer tells which node gave it.',
    start: 'Run the hello demo',
    starting: 'Starting: {ready} of {wanted} pods are ready.',
    ready: 'It answers. Reload its page a few times: another node may answer.',
    open: 'Open {address}',
    look: 'See what it is made of',
    remove: 'Delete the demo',
  },
  steps: { title: 'What is being done', took: '{seconds} s', failed: 'This failed first: {step}' },
}
