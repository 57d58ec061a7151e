namespace Caravan.Training;

/// <summary>The parts that a split makes of the records.</summary>
internal enum DataPart
{
    /// <summary>What is learnt.</summary>
    Training,

    /// <summary>What is held out to measure.</summary>
    Evaluation,
}
