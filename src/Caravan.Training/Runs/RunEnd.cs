namespace Caravan.Training;

/// <summary>Why a run ended.</summary>
internal enum RunEnd
{
    /// <summary>It was cancelled; it can be resumed.</summary>
    Interrupted,

    /// <summary>All steps were taken.</summary>
    Finished,

    /// <summary>Held-out loss had not fallen for as long as the options allow.</summary>
    Stopped,
}
