/** Lists that were saved. */
export const enLists = {
  saved: {
    title: 'Saved lists',
    shown: 'Saved list {name}',
    changed: 'Saved list {name}, changed',
    save: 'Save',
    saveAs: 'Save this list as …',
    saveTitle: 'Save this list',
    saveBody: 'Filter, namespaces, order and columns are kept under this name, in every cluster that has the kind.',
    update: 'Save the changes to {name}',
    rename: 'Rename',
    renameTitle: 'Rename the saved list {name}',
    deleteTitle: 'Delete the saved list {name}?',
    note: 'saved list',
  },
}
