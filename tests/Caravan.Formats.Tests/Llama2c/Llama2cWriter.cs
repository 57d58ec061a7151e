namespace Caravan.Formats.Tests;

/// <summary>Writes llama2.c checkpoints as <c>export.py</c> does, from its own statement of the order, independent of the reader's.</summary>
internal sealed record Llama2cWriter(int Version)
{
    public int Dimension { get; init; } = 16;

    public int Hidden { get; init; } = 20;

    public int Layers { get; init; } = 2;

    public int Heads { get; init; } = 4;

    public int KeyValueHeads { get; init; } = 2;

    public int Vocabulary { get; init; } = 11;

    public int Context { get; init; } = 6;

    public bool Shared { get; init; } = true;

    public int GroupSize { get; init; } = 8;

    /// <summary>What was written, by llama.cpp's names.</summary>
    public Dictionary<string, float[]> Written { get; } = [];

    public byte[] Bytes()
    {
        Written.Clear();
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        Random random = new(Version + 7);
        if (Version > 0)
        {
            writer.Write("24ka"u8);
            writer.Write(Version);
        }

        int vocabulary = Version == 0 && !Shared ? -Vocabulary : Vocabulary;
        foreach (int number in new[] { Dimension, Hidden, Layers, Heads, KeyValueHeads, vocabulary, Context }) writer.Write(number);
        if (Version > 0)
        {
            writer.Write((byte)(Shared ? 1 : 0));
            if (Version == 2) writer.Write(GroupSize);
            writer.Write(new byte[256 - stream.Position]);
        }

        foreach ((string name, int elements, bool matrix) in Order())
            if (Version == 2 && matrix) WriteGrouped(writer, name, elements, random);
            else WritePlain(writer, name, elements, random);
        return stream.ToArray();
    }

    private IEnumerable<(string Name, int Elements, bool Matrix)> Order()
    {
        int keys = Dimension / Heads * KeyValueHeads;
        (string, int, bool) embedding = ("token_embd", Vocabulary * Dimension, true);
        if (Version == 0) yield return embedding;
        foreach (var row in EachLayer("attn_norm", Dimension, false)) yield return row;
        if (Version > 0)
        {
            foreach (var row in EachLayer("ffn_norm", Dimension, false)) yield return row;
            yield return ("output_norm", Dimension, false);
            yield return embedding;
        }

        foreach (var row in EachLayer("attn_q", Dimension * Dimension, true)) yield return row;
        foreach (var row in EachLayer("attn_k", keys * Dimension, true)) yield return row;
        foreach (var row in EachLayer("attn_v", keys * Dimension, true)) yield return row;
        foreach (var row in EachLayer("attn_output", Dimension * Dimension, true)) yield return row;
        if (Version == 0)
            foreach (var row in EachLayer("ffn_norm", Dimension, false)) yield return row;
        foreach (var row in EachLayer("ffn_gate", Hidden * Dimension, true)) yield return row;
        foreach (var row in EachLayer("ffn_down", Hidden * Dimension, true)) yield return row;
        foreach (var row in EachLayer("ffn_up", Hidden * Dimension, true)) yield return row;
        if (Version == 0)
        {
            yield return ("output_norm", Dimension, false);
            yield return ("cosines", Context * (Dimension / Heads / 2), false);
            yield return ("sines", Context * (Dimension / Heads / 2), false);
        }

        if (!Shared) yield return ("output", Vocabulary * Dimension, true);
    }

    private IEnumerable<(string Name, int Elements, bool Matrix)> EachLayer(string name, int elements, bool matrix) =>
        Enumerable.Range(0, Layers).Select(layer => ($"blk.{layer}.{name}", elements, matrix));

    private void WritePlain(BinaryWriter writer, string name, int elements, Random random)
    {
        float[] values = [.. Enumerable.Range(0, elements).Select(_ => random.NextSingle() - 0.5f)];
        foreach (float value in values) writer.Write(value);
        Written[$"{name}.weight"] = values;
    }

    private void WriteGrouped(BinaryWriter writer, string name, int elements, Random random)
    {
        sbyte[] codes = [.. Enumerable.Range(0, elements).Select(_ => (sbyte)random.Next(-127, 128))];
        float[] scales = [.. Enumerable.Range(0, elements / GroupSize).Select(_ => random.NextSingle())];
        foreach (sbyte code in codes) writer.Write(code);
        foreach (float scale in scales) writer.Write(scale);
        Written[$"{name}.weight"] = [.. codes.Select((code, i) => code * scales[i / GroupSize])];
    }
}
