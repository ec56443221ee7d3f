/** Folder of the real clients for the tests. */
export const clients: string
/** Unpacks what is missing; says what. Throws when something cannot be had. */
export function ensureClients(): string
/** Whether helm was missing. Throws when it cannot be had. */
export function ensureHelm(): boolean
