using Caravan.Models;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Training;

/// <summary>How well a model predicts what training would learn from samples: all of a text, the answers of a conversation.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Tokens">Tokens that count.</param>
/// <param name="NegativeLogLikelihood">Of all of them, in nats.</param>
internal sealed record DataLoss(long Samples, long Tokens, double NegativeLogLikelihood)
{
    private const int SamplesAtOnce = 64, TokensAtOnce = 2048;

    /// <summary>Mean of the tokens, in nats.</summary>
    public double Loss => NegativeLogLikelihood / Tokens;

    /// <summary>Measures samples.</summary>
    /// <param name="model">A decoder.</param>
    /// <param name="adapter">The slot of an adapter; −1 for none.</param>
    /// <param name="device">What computes.</param>
    /// <param name="samples">Texts and conversations; of preferences both answers count.</param>
    /// <param name="options">How they become tokens.</param>
    /// <exception cref="CaravanException">A sample is broken or too long, or there is none.</exception>
    public static DataLoss Measure(Model model, int adapter, Device device, IEnumerable<Sample> samples, TrainingTextOptions options)
    {
        TrainingText text = new(model.Tokenizer, ChatFormat.Of(model.Tokenizer, Path.GetFileName(model.Path)), options);
        Policy policy = new(model, adapter);
        using Pass pass = new(device);
        DataLoss loss = new(0, 0, 0);
        foreach (EncodedSample[] some in samples.Select(text.Encode).OfType<EncodedSample>().Chunk(SamplesAtOnce))
        {
            EncodedSequence[] sequences = [.. some.SelectMany(sample => sample.Sequences).Where(sequence => sequence.Counted > 0)];
            loss = new(loss.Samples + some.Length, loss.Tokens + sequences.Sum(sequence => (long)sequence.Counted), loss.NegativeLogLikelihood - policy.Sums(pass, sequences, TokensAtOnce).Sum());
        }

        return loss.Tokens > 0 ? loss : throw new CaravanException("There is nothing in the data that a model could be asked to predict.");
    }
}
