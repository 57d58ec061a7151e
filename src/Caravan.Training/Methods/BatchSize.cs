namespace Caravan.Training;

/// <summary>How large a batch is, all its parts together.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Counted">Labels that count.</param>
internal readonly record struct BatchSize(int Samples, long Counted);
