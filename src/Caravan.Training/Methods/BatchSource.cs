using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>The batches of a run: samples of a dataset in its order, as tokens, in parts that fit into memory.</summary>
/// <param name="data">The samples.</param>
/// <param name="text">How they become tokens.</param>
/// <param name="options">How much is drawn at once.</param>
internal sealed class BatchSource(Dataset data, TrainingText text, BatchOptions options) : IDisposable
{
    private Packer packer = new(data, text, Packing(options));

    /// <summary>How they become tokens.</summary>
    public TrainingText Text => text;

    /// <summary>Samples of a batch, about: where batches are counted in tokens, the usual number.</summary>
    public int Samples => options.Samples;

    /// <summary>The parts of the next batch; none when the data is over.</summary>
    /// <exception cref="CaravanException">A sample is broken, or larger than a part may be.</exception>
    public IReadOnlyList<PackedBatch> Draw()
    {
        List<PackedBatch> parts = [];
        int samples = options.Tokens is null ? options.Samples : int.MaxValue, tokens = options.Tokens ?? int.MaxValue;
        while (samples > 0 && tokens > 0)
        {
            PackedBatch part = new();
            if (!packer.Next(part, samples, tokens)) break;
            samples -= part.Samples.Count;
            if (options.Tokens is not null) tokens -= part.Tokens;
            parts.Add(part);
        }

        return parts;
    }

    /// <summary>Where the next batch begins.</summary>
    public JsonObject Save() => JsonSerializer.SerializeToNode(packer.Cursor)!.AsObject();

    /// <summary>Goes to where <see cref="Save"/> was called.</summary>
    public void Restore(JsonObject place)
    {
        packer.Dispose();
        packer = new Packer(data, text, Packing(options), place.Deserialize<PackerCursor>());
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => packer.Dispose();

    private static PackerOptions Packing(BatchOptions options) => new(Math.Min(options.MicroBatchTokens, options.Tokens ?? int.MaxValue));
}
