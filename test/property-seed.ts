import fc from 'fast-check';

// The suite tries the same cases every time, so that a red run is the change's doing; VERVE_SEED tries others, as the soaks do.
fc.configureGlobal({ seed: Number(process.env.VERVE_SEED ?? 20_261_121) });
