"""predict: a prediction that the learner makes before a cell's output is shown."""
