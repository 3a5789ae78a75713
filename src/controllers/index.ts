import { type Controllers } from '../operator';

/** All controllers of the operator: one line registers one. */
export const controllers: Controllers = () => [];
