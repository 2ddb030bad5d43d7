import { memoryStore } from '@countersign/adapters/storage/memory';
import { storeContract } from './contract.js';
storeContract('memory', async () => memoryStore());
