import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { projects: ['longpoll-react', 'demo-shop'] } });
