namespace Caravan.Training;

/// <summary>What continual pretraining keeps of what was learnt before (Ibrahim et al. 2024, "Simple and scalable strategies to continually pre-train").</summary>
internal sealed record ReplayOptions
{
    /// <summary>Where the old data is.</summary>
    [Setting("Files of texts like those the model was trained on before, replayed among the new ones; none for none.", IsPath = true)]
    public IReadOnlyList<string> Replay { get; init; } = [];

    /// <summary>How much of it there is.</summary>
    [Setting("Share of replayed texts in all that is learnt (Ibrahim et al. 2024: 0.05, more where the new texts are very different).", Least = 0.001, Most = 0.9)]
    public double Share { get; init; } = 0.05;

    /// <summary>The texts beside the new ones: in as many samples, and of such a weight, that the share holds; null for none.</summary>
    public SideTexts? Texts(MethodContext context)
    {
        double ratio = Share / (1 - Share);
        return Replay.Count == 0 ? null : new SideTexts(context, Replay, ratio, Math.Max(1, (int)Math.Round(ratio * context.Data.Samples)), "replay");
    }
}
