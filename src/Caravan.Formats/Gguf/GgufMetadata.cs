namespace Caravan.Formats;

/// <summary>The key-value pairs of a GGUF file, in file order.</summary>
public sealed class GgufMetadata
{
}
