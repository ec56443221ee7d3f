/** Of the program, as package.json has it. */
export const DRYDOCK_VERSION = '0.1.0'
