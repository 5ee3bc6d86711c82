using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace MacRunners.Simulator.Orka;

/// <summary>
/// Stands in for <c>orka3</c> 3.6: its command and flag names and no others, its JSON shapes, and a simulated cluster behind it.
/// Deploying waits for the VM, saving and pushing do not, as with the real one.
/// </summary>
internal static class Orka3Program
{
    public const string Name = "orka3";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return await Root().Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is HttpRequestException or ArgumentException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"Error: {exception.Message}");
            return 1;
        }
    }

    private static RootCommand Root() => new("A simulated Orka CLI.")
    {
        new Command("vm", "VMs") { Deploy(), ListVms(), DeleteVms(), Save(), Commit(), Push(), PushStatus() },
        new Command("image", "Images") { ListImages(), DeleteImages() },
        new Command("vm-config", "Templates") { CreateVmConfig(), ListVmConfigs(), DeleteVmConfigs() },
        new Command("node", "Nodes") { ListNodes() },
        new Command("imagecache", "Images on nodes") { AddToCache(), CacheInfo() },
    };

    private static Option<string> Namespace() => new("--namespace", "-n") { DefaultValueFactory = _ => "orka-default" };

    private static Option<string> Output()
    {
        var output = new Option<string>("--output", "-o") { Required = true };
        output.AcceptOnlyFromAmong("json");
        return output;
    }

    private static Command Deploy()
    {
        var name = new Argument<string?>("NAME") { Arity = ArgumentArity.ZeroOrOne };
        var (inNamespace, output) = (Namespace(), Output());
        var config = new Option<string?>("--config");
        var image = new Option<string?>("--image");
        var generate = new Option<bool>("--generate-name");
        var cpu = new Option<int?>("--cpu");
        var memory = new Option<double?>("--memory");
        var node = new Option<string?>("--node");
        var tag = new Option<string?>("--tag");
        var required = new Option<bool>("--tag-required");
        var metadata = new Option<string?>("--metadata");
        var ports = new Option<string?>("--ports");
        var timeout = new Option<int>("--timeout") { DefaultValueFactory = _ => 10 };
        var command = new Command("deploy", "Deploy a VM") { name, inNamespace, output, config, image, generate, cpu, memory, node, tag, required, metadata, ports, timeout };
        command.SetAction(async (parsed, cancellation) =>
        {
            var body = new JsonObject
            {
                ["name"] = parsed.GetValue(name),
                ["shouldGenerateName"] = parsed.GetValue(generate),
                ["vmConfig"] = parsed.GetValue(config),
                ["image"] = parsed.GetValue(image),
                ["cpu"] = parsed.GetValue(cpu),
                ["memory"] = parsed.GetValue(memory),
                ["node"] = parsed.GetValue(node),
                ["tag"] = parsed.GetValue(tag),
                ["reservedPorts"] = parsed.GetValue(ports),
            };
            var vms = $"/api/v1/namespaces/{Escaped(parsed.GetValue(inNamespace)!)}/vms";
            var vm = await SendAsync(HttpMethod.Post, vms, body, cancellation);
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(parsed.GetValue(timeout)), TimeProvider.System);
            while ((string)vm!["status"]! == "Pending")
            {
                await Task.Delay(Poll, TimeProvider.System, cancellation);
                vm = !limit.IsCancellationRequested
                    ? await SendAsync(HttpMethod.Get, $"{vms}/{(string)vm["name"]!}", null, cancellation)
                    : throw new TimeoutException($"timed out waiting for VM {(string)vm["name"]!}");
            }

            // An array, of one.
            return Print(new JsonArray(vm.DeepClone()), (string)vm["status"]! == "Running" ? 0 : 1);
        });
        return command;
    }

    private static Command ListVms()
    {
        var names = new Argument<string[]>("NAMES") { Arity = ArgumentArity.ZeroOrMore };
        var (inNamespace, output) = (Namespace(), Output());
        var command = new Command("list", "List VMs") { names, inNamespace, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var list = (await SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{Escaped(parsed.GetValue(inNamespace)!)}/vms", null, cancellation))!;
            var wanted = parsed.GetValue(names)!;
            return Print(new JsonObject
            {
                ["items"] = JsonAnswer.Array(list["items"]!.AsArray().Where(vm => wanted.Length == 0 || wanted.Contains((string)vm!["name"]!)).Select(vm => vm!.DeepClone())),
            });
        });
        return command;
    }

    private static Command DeleteVms() => Delete("Delete VMs", inNamespace => $"/api/v1/namespaces/{Escaped(inNamespace)}/vms");

    private static Command DeleteImages() => Delete("Delete images", _ => "/api/v1/namespaces/orka-default/images");

    private static Command DeleteVmConfigs() => Delete("Delete templates", _ => "/api/v1/namespaces/orka-default/vmconfigs");

    private static Command Delete(string description, Func<string, string> path)
    {
        var names = new Argument<string[]>("NAMES") { Arity = ArgumentArity.OneOrMore };
        var inNamespace = Namespace();
        var command = new Command("delete", description) { names, inNamespace };
        command.SetAction(async (parsed, cancellation) =>
        {
            foreach (var name in parsed.GetValue(names)!)
            {
                await SendAsync(HttpMethod.Delete, $"{path(parsed.GetValue(inNamespace)!)}/{Escaped(name)}", null, cancellation);
            }
        });
        return command;
    }

    private static Command Save()
    {
        var (vm, image, inNamespace) = (new Argument<string>("VM"), new Argument<string>("IMAGE"), Namespace());
        var command = new Command("save", "Save a VM as a new image") { vm, image, inNamespace };
        command.SetAction((parsed, cancellation) => SendAsync(
            HttpMethod.Post, VmPath(parsed.GetValue(inNamespace)!, parsed.GetValue(vm)!, "save"), new JsonObject { ["imageName"] = parsed.GetValue(image) }, cancellation));
        return command;
    }

    private static Command Commit()
    {
        var (vm, inNamespace) = (new Argument<string>("VM"), Namespace());
        var command = new Command("commit", "Overwrite the image of a VM") { vm, inNamespace };
        command.SetAction((parsed, cancellation) =>
            SendAsync(HttpMethod.Post, VmPath(parsed.GetValue(inNamespace)!, parsed.GetValue(vm)!, "commit"), [], cancellation));
        return command;
    }

    private static Command Push()
    {
        var (vm, reference, inNamespace) = (new Argument<string>("VM"), new Argument<string>("IMAGE"), Namespace());
        var command = new Command("push", "Push a VM to a registry") { vm, reference, inNamespace };
        command.SetAction(async (parsed, cancellation) =>
        {
            var body = new JsonObject { ["imageReference"] = parsed.GetValue(reference) };
            var answer = await SendAsync(HttpMethod.Post, VmPath(parsed.GetValue(inNamespace)!, parsed.GetValue(vm)!, "push"), body, cancellation);
            await Console.Out.WriteLineAsync($"Job name: {(string)answer!["jobName"]!}");
        });
        return command;
    }

    private static Command PushStatus()
    {
        var (job, inNamespace) = (new Argument<string>("JOB"), Namespace());
        var command = new Command("get-push-status", "State of a push") { job, inNamespace };
        command.SetAction(async (parsed, cancellation) =>
        {
            var answer = await SendAsync(
                HttpMethod.Get, $"/api/v1/namespaces/{Escaped(parsed.GetValue(inNamespace)!)}/push/{Escaped(parsed.GetValue(job)!)}", null, cancellation);
            await Console.Out.WriteLineAsync((string)answer!["status"]!);
        });
        return command;
    }

    private static Command ListImages() => List("List images", "/api/v1/namespaces/orka-default/images");

    private static Command ListVmConfigs() => List("List templates", "/api/v1/namespaces/orka-default/vmconfigs");

    private static Command ListNodes() => List("List nodes", "/api/v1/namespaces/orka-default/nodes");

    private static Command List(string description, string path)
    {
        var (output, inNamespace) = (Output(), Namespace());
        var command = new Command("list", description) { output, inNamespace };
        command.SetAction(async (_, cancellation) => Print((await SendAsync(HttpMethod.Get, path, null, cancellation))!));
        return command;
    }

    private static Command CreateVmConfig()
    {
        var name = new Argument<string>("NAME");
        var image = new Option<string>("--image") { Required = true };
        var cpu = new Option<int?>("--cpu");
        var memory = new Option<double?>("--memory");
        var tag = new Option<string?>("--tag");
        var required = new Option<bool>("--tag-required");
        var command = new Command("create", "Create a template") { name, image, cpu, memory, tag, required };
        command.SetAction((parsed, cancellation) => SendAsync(
            HttpMethod.Post,
            "/api/v1/namespaces/orka-default/vmconfigs",
            new JsonObject
            {
                ["name"] = parsed.GetValue(name),
                ["image"] = parsed.GetValue(image),
                ["cpu"] = parsed.GetValue(cpu),
                ["memory"] = parsed.GetValue(memory),
                ["tag"] = parsed.GetValue(tag),
                ["tagRequired"] = parsed.GetValue(required),
            },
            cancellation));
        return command;
    }

    private static Command AddToCache()
    {
        var image = new Argument<string>("IMAGE");
        var all = new Option<bool>("--all");
        var nodes = new Option<string?>("--nodes");
        var command = new Command("add", "Cache an image on nodes") { image, all, nodes };
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(all) == (parsed.GetValue(nodes) is not null))
            {
                throw new ArgumentException("give either --all or --nodes");
            }

            var body = new JsonObject { ["image"] = parsed.GetValue(image) };
            if (parsed.GetValue(nodes) is { } names)
            {
                body["nodes"] = JsonAnswer.Array(names.Split(',').Select(node => (JsonNode)node));
            }

            await SendAsync(HttpMethod.Post, "/sim/imagecache", body, cancellation);
        });
        return command;
    }

    private static Command CacheInfo()
    {
        var image = new Argument<string>("IMAGE");
        var command = new Command("info", "Where an image is cached") { image };
        command.SetAction(async (parsed, cancellation) =>
        {
            foreach (var node in (await SendAsync(HttpMethod.Get, $"/sim/imagecache/{Escaped(parsed.GetValue(image)!)}", null, cancellation))!.AsArray())
            {
                await Console.Out.WriteLineAsync($"{(string)node!}\tReady");
            }
        });
        return command;
    }

    private static string Escaped(string segment) => Uri.EscapeDataString(segment);

    private static string VmPath(string inNamespace, string vm, string action) => $"/api/v1/namespaces/{Escaped(inNamespace)}/vms/{Escaped(vm)}/{action}";

    private static int Print(JsonNode node, int exitCode = 0)
    {
        Console.WriteLine(node.ToJsonString());
        return exitCode;
    }

    private static async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var http = SimulatorAddress.Connect();
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        }

        using var response = await http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var answer = text.Length == 0 ? null : JsonNode.Parse(text);
        return response.IsSuccessStatusCode ? answer : throw new HttpRequestException($"{(int)response.StatusCode} {(string?)(answer as JsonObject)?["message"]}");
    }
}
