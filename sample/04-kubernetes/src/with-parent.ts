// Loaded before the programs of pods that are processes: they end with the one that started them.
process.once('disconnect', () => process.exit());
