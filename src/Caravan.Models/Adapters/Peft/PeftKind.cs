namespace Caravan.Models;

/// <summary>How files keep the adapters of linear layers of one kind.</summary>
/// <param name="Type"><c>peft_type</c>.</param>
/// <param name="Tensors">The tensors of a layer.</param>
/// <param name="Holds">Whether an adapter is of this kind.</param>
/// <param name="Make">An adapter from a layer's tensors, which become its own.</param>
internal sealed record PeftKind(string Type, IReadOnlyList<PeftTensor> Tensors, Func<LinearAdapter, bool> Holds, Func<PeftLayer, LinearAdapter> Make)
{
    /// <summary>
    /// The kinds. LORA and ADALORA are PEFT's; it has none of the others, which are Caravan's own: the same folder with a <c>peft_type</c> that PEFT refuses.
    /// </summary>
    public static IReadOnlyList<PeftKind> All { get; } =
    [
        new("LORA", [new("lora_A.weight", AdapterRole.Down), new("lora_B.weight", AdapterRole.Up), new(DoraAdapter.MagnitudeName, AdapterRole.Outputs) { Optional = true, OtherName = $"{DoraAdapter.MagnitudeName}.weight" }],
            adapter => adapter is DoraAdapter || adapter is LoraAdapter { Gate: null } and not QaLoraAdapter,
            layer => layer.Find(DoraAdapter.MagnitudeName) is { } magnitude
                ? new DoraAdapter(layer["lora_A.weight"], layer["lora_B.weight"], magnitude, layer.Scaling) { DropoutRate = layer.DropoutRate }
                : new LoraAdapter(layer["lora_A.weight"], layer["lora_B.weight"], layer.Scaling) { DropoutRate = layer.DropoutRate }),
        new("ADALORA", [new("lora_A", AdapterRole.Down), new("lora_B", AdapterRole.Up), new("lora_E", AdapterRole.Directions)],
            adapter => adapter is LoraAdapter { Gate: not null } lora && lora.Tensors[0].Name == LoraNames.AdaLora.Down,
            layer => new LoraAdapter(layer["lora_A"], layer["lora_B"], layer.AdaLoraScaling, layer["lora_E"], LoraNames.AdaLora)) { Budgeted = true },
        new("SORA", [new("lora_A.weight", AdapterRole.Down), new("lora_B.weight", AdapterRole.Up), new("lora_gate", AdapterRole.Directions)],
            adapter => adapter is LoraAdapter { Gate: not null } lora && lora.Tensors[0].Name == LoraNames.Sora.Down,
            layer => new LoraAdapter(layer["lora_A.weight"], layer["lora_B.weight"], layer.Scaling, layer["lora_gate"], LoraNames.Sora)),
        new("QALORA", [new("lora_A.weight", AdapterRole.Down), new("lora_B.weight", AdapterRole.Up)],
            adapter => adapter is QaLoraAdapter,
            layer => new QaLoraAdapter(layer["lora_A.weight"], layer["lora_B.weight"], layer.Scaling, layer.Group)),
        new("GLORA",
            [
                new("glora_A", AdapterRole.Outputs), new("glora_B_down", AdapterRole.Down), new("glora_B_up", AdapterRole.Up), new("glora_C", AdapterRole.Inputs) { Optional = true },
                new("glora_D", AdapterRole.Outputs) { Optional = true }, new("glora_E", AdapterRole.Outputs) { Optional = true },
            ],
            adapter => adapter is GloraAdapter,
            layer => new GloraAdapter(
                layer["glora_A"], layer["glora_B_down"], layer["glora_B_up"], layer.Scaling,
                layer.Find("glora_C") is { } c ? new GloraShift(c, layer["glora_D"], layer["glora_E"]) : null)),
    ];

    /// <summary>Whether closed directions are left out of the file, which then says of every module which are left.</summary>
    public bool Budgeted { get; private init; }

    /// <summary>The kind of a layer's adapter.</summary>
    public static PeftKind Of(LinearAdapter adapter) => All.First(kind => kind.Holds(adapter));
}

/// <summary>A tensor of a layer in a file.</summary>
/// <param name="Name">Its name behind the layer's.</param>
/// <param name="Role">What its dimensions stand for.</param>
internal sealed record PeftTensor(string Name, AdapterRole Role)
{
    /// <summary>Whether layers may lack it.</summary>
    public bool Optional { get; init; }

    /// <summary>What some writers call it; null for nothing else.</summary>
    public string? OtherName { get; init; }
}
