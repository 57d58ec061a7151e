namespace Caravan.Formats;

/// <summary>The metadata keys that the file format itself uses; those of models and tokenizers belong to their readers.</summary>
internal static class GgufKeys
{
    /// <summary>Every tensor's offset is a multiple of this many bytes.</summary>
    public const string Alignment = "general.alignment";

    /// <summary>The alignment of files that do not say.</summary>
    public const int DefaultAlignment = 32;

    /// <summary>What the keys of split files begin with.</summary>
    public const string SplitPrefix = "split.";

    /// <summary>Number of files a model was split into.</summary>
    public const string SplitCount = "split.count";

    /// <summary>Number of this file, from 0.</summary>
    public const string SplitNumber = "split.no";

    /// <summary>Number of tensors in all files together.</summary>
    public const string SplitTensors = "split.tensors.count";
}
