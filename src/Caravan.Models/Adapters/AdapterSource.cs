namespace Caravan.Models;

/// <summary>An adapter on disk, to be attached to a model when that is loaded.</summary>
/// <param name="Path">Its folder, in PEFT's layout: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> or <c>.bin</c>.</param>
/// <param name="Name">What requests call it; null for the folder's name.</param>
public sealed record AdapterSource(string Path, string? Name = null);
