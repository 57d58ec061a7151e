using System.Text.Json.Nodes;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Training.Tests;

/// <summary>The same few texts at every step.</summary>
internal sealed class FewTexts(Model model, int adapter, int[][] texts) : Method
{
    public override IReadOnlyList<MicroBatch> Draw(int step) => [new MicroBatch(texts.Sum(text => text.Length), "the test", Loss)];

    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass) => new Dictionary<string, double> { ["loss"] = Loss(pass).Floats[0] };

    public override JsonObject Save() => [];

    public override void Restore(JsonObject state)
    {
    }

    public Tensor Loss(Pass pass)
    {
        Batch batch = new() { Adapter = adapter };
        foreach (int[] text in texts) batch.AddSequence(text);
        return CrossEntropy.Forward(pass, model.Decoder.Forward(pass, batch)!, [.. texts.SelectMany(text => (int[])[.. text[1..], CrossEntropy.Ignored])]);
    }
}
