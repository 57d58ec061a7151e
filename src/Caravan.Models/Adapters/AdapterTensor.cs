using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>A tensor that an adapter of a linear layer has learnt.</summary>
/// <param name="Name">Its name in the layer, as PEFT's files have it where they know it, such as <c>lora_A.weight</c>.</param>
/// <param name="Tensor">F32.</param>
/// <param name="Role">What its dimensions stand for.</param>
internal readonly record struct AdapterTensor(string Name, Tensor Tensor, AdapterRole Role);
