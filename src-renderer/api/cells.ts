/** Where the cells of a server-side table stand on their object, out of the way of any field. */
export const cellsField = '$cells'
