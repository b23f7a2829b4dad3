/** On paper nothing is folded or cut, and every instant has its year: it is read years later, where nobody can ask. */
import { createContext } from 'react';

export const OnPaper = createContext(false);
