using Caravan.Formats;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Training;

/// <summary>
/// A number for a row of a decoder, linear in the normalised row: the reward of a text from its last row, as LlamaForSequenceClassification has it,
/// or the value of each state. It begins at 0.
/// </summary>
internal sealed class ScoreHead : IDisposable
{
    /// <summary>Where it is written, beside the model.</summary>
    public const string FileName = "score.safetensors";

    private const string Key = "score.weight";

    /// <summary>A head for a model.</summary>
    /// <param name="model">A decoder.</param>
    /// <param name="name">Its name in states.</param>
    public ScoreHead(Model model, string name = Key)
    {
        DecoderSpec spec = model.Decoder.Spec;
        Weight = Tensor.Allocate(new Shape(1, spec.HiddenSize), name: name);
    }

    /// <summary>[1, D] F32.</summary>
    public Tensor Weight { get; }

    /// <summary>The head that was written beside a model, or that its own file holds.</summary>
    /// <exception cref="CaravanException">There is none, or it is of another size.</exception>
    public static ScoreHead Read(Model model, string folder)
    {
        string path = Path.Combine(folder, FileName);
        using Checkpoint? beside = File.Exists(path) ? CheckpointReader.Open(path) : null;
        if (!(beside ?? model.Checkpoint).Tensors.TryGetValue(Key, out TensorEntry? entry))
            throw new CaravanException($"'{folder}' is no reward model: neither is there a {FileName}, nor does the model hold a '{Key}'.");
        ScoreHead head = new(model);
        if (entry.Elements != head.Weight.Shape.Elements)
        {
            head.Dispose();
            throw new CaravanException($"'{folder}' is no reward model for '{model.Path}': its '{Key}' is {entry.ShapeText}, and {head.Weight.Shape} was expected.");
        }

        Kernels.QuantFormats.Of(entry.DType).Decode(entry.Data, head.Weight.Floats);
        return head;
    }

    /// <summary>Writes it beside a model.</summary>
    /// <exception cref="CaravanException">The disk is full or fails.</exception>
    public void WriteTo(string folder) => SafetensorsWriter.Write(
        Path.Combine(folder, FileName), [TensorSource.From(Key, Weight.DType, [Weight.Shape[0], Weight.Shape[1]], Weight.Bytes)]);

    /// <summary>The number of each row.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="rows">[N, D] F32, normalised.</param>
    /// <returns>[N, 1] F32.</returns>
    public Tensor Of(Pass pass, Tensor rows) => Linear.Forward(pass, rows, Weight);

    /// <summary>The number of each sequence's last row.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="policy">Whose rows it reads.</param>
    /// <param name="sequences">At least one.</param>
    /// <returns>[sequences, 1] F32.</returns>
    public Tensor OfTexts(Pass pass, Policy policy, IEnumerable<EncodedSequence> sequences)
    {
        Batch batch = policy.Batch(sequences);
        return Of(pass, PooledRows.Of(pass, policy.Model.Decoder.Rows(pass, batch), batch, Pooling.Last));
    }

    /// <summary>Frees the weight.</summary>
    public void Dispose() => Weight.Dispose();
}
