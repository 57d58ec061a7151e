namespace Caravan.Server;

/// <summary>A model that can be asked for, and the model itself while it is loaded. <see cref="ModelHost"/> guards it.</summary>
internal sealed class ModelSlot(ModelSource source)
{
    /// <summary>What it is.</summary>
    public ModelSource Source { get; } = source;

    /// <summary>The model, or null.</summary>
    public ServedModel? Loaded { get; set; }

    /// <summary>Requests that use it now.</summary>
    public int Users { get; set; }

    /// <summary>When it was used last, by the host's count.</summary>
    public long LastUse { get; set; }

    /// <summary>Bytes that it took when it was loaded; 0 before.</summary>
    public long KnownBytes { get; set; }

    /// <summary>What was found out about it when it was loaded.</summary>
    public ModelFacts? Facts { get; set; }

    /// <summary>How fast it generates.</summary>
    public TokenRate Rate { get; } = new();
}
