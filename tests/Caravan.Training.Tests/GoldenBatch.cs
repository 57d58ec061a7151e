using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Training.Tests;

/// <summary>The same batch at every step: what golden losses are of.</summary>
internal sealed class GoldenBatch : Method
{
    private readonly Model model;
    private readonly int[] labels;

    public GoldenBatch(Model model, JsonElement golden, string labelsKey, int adapter = -1)
    {
        this.model = model;
        Batch.Adapter = adapter;
        foreach (int[] row in golden.GetProperty("input_ids").Deserialize<int[][]>()!) Batch.AddSequence(row);
        labels = [.. golden.GetProperty(labelsKey).Deserialize<int[][]>()!.SelectMany(row => (int[])[.. row[1..], CrossEntropy.Ignored])];
    }

    public Batch Batch { get; } = new();

    public override IReadOnlyList<MicroBatch> Draw(int step) => [new MicroBatch(Batch.Count, "the golden file", Loss)];

    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass) => new Dictionary<string, double> { ["loss"] = Loss(pass).Floats[0] };

    public override JsonObject Save() => [];

    public override void Restore(JsonObject state)
    {
    }

    private Tensor Loss(Pass pass) => CrossEntropy.Forward(pass, model.Decoder.Forward(pass, Batch)!, labels);
}
