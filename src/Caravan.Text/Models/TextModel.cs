namespace Caravan.Text;

/// <summary>What turns one segment of text into token ids; made once, used by many threads with their own <see cref="MergeBuffers"/>.</summary>
internal abstract class TextModel
{
    /// <summary>Adds the tokens of the units [start, end).</summary>
    public abstract void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink);

    /// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, or null when one is missing.</summary>
    protected static int[]? ByteTokens(Dictionary<string, int> ids)
    {
        int[] tokens = new int[256];
        for (int i = 0; i < 256; i++)
            if (!ids.TryGetValue($"<0x{i:X2}>", out tokens[i])) return null;
        return tokens;
    }
}
