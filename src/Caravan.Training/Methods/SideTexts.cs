using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>
/// Texts or conversations that are learnt beside what a method learns from, so that the model stays good at them: replay, what must be retained, PPO's
/// mix of pretraining. Every step draws some of them and adds their mean negative log-likelihood, times a weight, to its loss.
/// </summary>
/// <param name="context">What every method is given.</param>
/// <param name="files">Where they are.</param>
/// <param name="weight">Their factor in the loss, above 0.</param>
/// <param name="samples">How many are drawn for a step, at least 1.</param>
/// <param name="name">What they are, for observations, such as <c>retain</c>.</param>
internal sealed class SideTexts(MethodContext context, IReadOnlyList<string> files, double weight, int samples, string name) : IDisposable
{
    private readonly BatchSource source = new(
        new Dataset(new DatasetOptions { Mixes = [new DataMix(files)], Seed = context.Seed }), context.Data.Text,
        new BatchOptions { Samples = samples, MicroBatchTokens = context.MicroBatchTokens });

    /// <summary>The parts of a step.</summary>
    /// <param name="observations">Is told their loss.</param>
    public IEnumerable<MicroBatch> Draw(Observations observations)
    {
        IReadOnlyList<PackedBatch> parts = source.Draw();
        long counted = parts.Sum(part => (long)part.Counted);
        foreach (PackedBatch part in parts)
        {
            LanguageModeling.Require(part);
            yield return new MicroBatch(part.Tokens, part.Origin, pass =>
            {
                Models.Batch rows = context.Policy.Batch(part.Sequences);
                Tensors.Tensor loss = context.Policy.Model.Decoder.Loss(pass, rows, rows.Labels, counted, (float)weight);
                observations.Add($"{name}_loss", loss.Floats[0] / weight * counted / part.Counted, part.Counted);
                return loss;
            });
        }
    }

    /// <summary>Where the next step begins.</summary>
    public JsonObject Save() => source.Save();

    /// <summary>Goes to where <see cref="Save"/> was called.</summary>
    public void Restore(JsonObject place) => source.Restore(place);

    /// <summary>Closes the files.</summary>
    public void Dispose() => source.Dispose();
}
