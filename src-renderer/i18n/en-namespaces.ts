/** Words of namespaces, and of what one may not read or do in them. */
export const enNamespaces = {
  namespaces: {
    all: 'All namespaces',
    yours: 'All of yours',
    find: 'Find a namespace',
    findOrName: 'Find or name one',
    none: 'No namespace is named so.',
    add: 'Look at {name} too',
    title: 'Namespaces',
    change: 'Which namespaces …',
    name: 'Name a namespace',
    addShort: 'Add',
    remove: 'Do not look at {name} any more',
    limited:
      'Your rights do not reach the whole cluster, so these namespaces are asked one by one. Name all that you may see.',
    chosen: 'These namespaces alone are asked for. Take all away to see the whole cluster again.',
    whole:
      'All of the cluster is shown. Where that is too much, name the namespaces you work in: nothing else is asked for then.',
    wrong: 'No namespace can be named {name}: lower case letters, digits and dashes, 63 at most.',
  },
  refused: {
    cluster: 'You may not list {kind} in this cluster.',
    in: 'You may not list {kind} in {namespaces}.',
    ask: 'A role with the verbs get, list and watch for {resource} allows it; whoever runs the cluster can bind you to one.',
    elsewhere: 'May you see other namespaces? Name them:',
    byName: 'Do you know the name of one? A role may allow that one alone:',
    open: 'Open',
    unread: '{name} cannot be read: {why}',
    words: 'What the server says',
    action: 'You may not do this here: it needs the right to {verb} {resource} in {namespace}.',
    actionCluster: 'You may not do this here: it needs the right to {verb} {resource}.',
    problems: 'Everything that you may see is as it should be.',
  },
}
