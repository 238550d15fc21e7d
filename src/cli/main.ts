#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// What is installed changes with its version only: Node keeps the compiled code from one start to the next.
if (import.meta.filename.endsWith('.js')) enableCompileCache();
await import('./run.ts');
