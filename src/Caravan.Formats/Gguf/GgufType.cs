using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>A tensor type of ggml: its number in GGUF files, its name, and its block. Sizes are 0 where ggml has dropped or never documented them.</summary>
/// <param name="Id">The number in the file.</param>
/// <param name="Name">ggml's name.</param>
/// <param name="BlockElements">Elements per block.</param>
/// <param name="BlockBytes">Bytes per block.</param>
/// <param name="DType">Caravan's type, or null when Caravan cannot read it.</param>
internal sealed record GgufType(uint Id, string Name, int BlockElements, int BlockBytes, DType? DType)
{
    /// <summary>Whether ggml has, or once had, this number.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>Whether the block's size is known, so that a tensor's bytes can be counted.</summary>
    public bool HasSize => BlockElements > 0;
}
