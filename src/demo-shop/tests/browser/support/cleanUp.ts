import { afterAll } from 'vitest';
import { endPrograms } from './program.js';

// Registered before those of the files, it runs after them.
afterAll(endPrograms);
