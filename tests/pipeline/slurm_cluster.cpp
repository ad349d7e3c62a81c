#include "pipeline/slurm_cluster.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace hypersynth::pipeline {
namespace {

// Reads its stdin, which ends with the process that started it, and then ends the cluster.
constexpr const char* kKeeper = R"sh(
cd "$1" || exit 1
cat >/dev/null
timeout 5 scancel --user="$(id -u)"
for pid in slurmd.*.pid slurmctld.pid; do
  [ -s "$pid" ] && kill "$(cat "$pid")"
done
sleep 0.3
for pid in slurmd.*.pid slurmctld.pid; do
  [ -s "$pid" ] && kill -9 "$(cat "$pid")"
done
exit 0
)sh";

std::vector<std::string> lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> result;
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

std::vector<int> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<int> ports;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &size);
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int descriptor : sockets) ::close(descriptor);
  return ports;
}

}  // namespace

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  std::string text;
  char buffer[4096];
  std::size_t count = 0;
  while (pipe != nullptr && (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0)
    text.append(buffer, count);
  if (pipe != nullptr) ::pclose(pipe);
  return text;
}

std::optional<std::string> SlurmCluster::obstacle() {
  for (const char* program : {"slurmctld", "slurmd", "sbatch"}) {
    if (output_of(std::string("command -v ") + program).empty())
      return std::string(program) + " was not found: install slurm-wlm to run this test";
  }
  if (::geteuid() != 0) return "slurmd needs to run as root";
  return std::nullopt;
}

SlurmCluster::SlurmCluster(const ClusterOptions& options) : folder_(temporary_) {
  write_configuration(options);
  write_counters();
  ::setenv("SLURM_CONF", (folder_ / "slurm.conf").c_str(), 1);
  const std::string path = (folder_ / "bin").string() + ':' + std::getenv("PATH");
  ::setenv("PATH", path.c_str(), 1);
  start();
  for (int i = 1; i <= options.nodes; ++i) output_of("slurmd -N n" + std::to_string(i));
  const std::string idle = std::to_string(options.nodes);
  for (int tries = 0; tries < 300 && !up_; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    up_ = output_of("sinfo -h -t idle -o %D").rfind(idle, 0) == 0;
  }
}

SlurmCluster::~SlurmCluster() {
  ::close(keeper_);
  ::waitpid(keeper_pid_, nullptr, 0);
}

void SlurmCluster::start() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  keeper_ = ends[1];
  keeper_pid_ = ::fork();
  if (keeper_pid_ == 0) {
    ::setpgid(0, 0);
    ::dup2(ends[0], 0);
    ::execl("/bin/sh", "sh", "-c", kKeeper, "keeper", folder_.c_str(), nullptr);
    ::_exit(1);
  }
  ::close(ends[0]);
  output_of("slurmctld -i");
}

void SlurmCluster::write_configuration(const ClusterOptions& options) const {
  const auto ports = free_ports(static_cast<std::size_t>(options.nodes) + 1);
  const std::string dir = folder_.string();
  const std::string user = output_of("id -un | tr -d '\\n'");
  std::ostringstream conf;
  conf << "ClusterName=test\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort=" << ports[0]
       << "\nSlurmUser=" << user << "\nSlurmdUser=" << user
       << "\nAuthType=auth/none\nCredType=cred/none\nMpiDefault=none\n"
          "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
          "JobAcctGatherType=jobacct_gather/linux\nJobAcctGatherFrequency=1\n"
          "JobAcctGatherParams=OverMemoryKill\nSwitchType=switch/none\n"
          "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core_Memory\n"
          "SchedulerType=sched/backfill\nSchedulerParameters=sched_min_interval=0,"
          "batch_sched_delay=0,bf_interval=1,default_queue_depth=10000,defer_batch\n"
          "MaxJobCount=20000\nMinJobAge=300\nKillWait=3\nSlurmdTimeout=15\nSlurmctldTimeout=10\n"
          "InactiveLimit=0\nWaittime=0\nJobRequeue=1\nReturnToService=2\n"
          "SlurmdParameters=config_overrides\nGresTypes=gpu\nMaxArraySize="
       << options.max_array_size << "\nStateSaveLocation=" << dir
       << "/state\nSlurmdSpoolDir=" << dir << "/spool.%n\nSlurmdPidFile=" << dir
       << "/slurmd.%n.pid\nSlurmctldPidFile=" << dir << "/slurmctld.pid\nSlurmdLogFile=" << dir
       << "/slurmd.%n.log\nSlurmctldLogFile=" << dir << "/slurmctld.log\n";
  for (int i = 1; i <= options.nodes; ++i)
    conf << "NodeName=n" << i
         << " NodeHostname=localhost NodeAddr=127.0.0.1 Port=" << ports[static_cast<std::size_t>(i)]
         << " CPUs=" << options.cpus << " RealMemory=" << options.memory_mb
         << " Gres=gpu:1 State=UNKNOWN\n";
  conf << "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP DefMemPerCPU=500 "
          "OverSubscribe=NO\n";
  write_text(folder_ / "slurm.conf", conf.str());
  write_text(folder_ / "gres.conf",
             "NodeName=n[1-" + std::to_string(options.nodes) + "] Name=gpu File=/dev/null\n");
  fs::create_directories(folder_ / "state");
}

/// Programs in front of SLURM's that note down each call.
void SlurmCluster::write_counters() const {
  fs::create_directories(folder_ / "bin");
  for (const std::string program : {"sbatch", "squeue", "scancel"}) {
    std::string real = output_of("command -v " + program);
    real.pop_back();
    const fs::path script = folder_ / "bin" / program;
    write_text(script, "#!/bin/sh\necho \"$*\" >>" + (folder_ / (program + ".calls")).string() +
                           "\nexec " + real + " \"$@\"\n");
    fs::permissions(script, fs::owner_all);
  }
}

std::vector<std::string> SlurmCluster::calls(const std::string& program) const {
  return lines(read_text(folder_ / (program + ".calls")));
}

std::vector<std::string> SlurmCluster::queue() const {
  return lines(
      output_of("scontrol show job -o | "
                "grep -E 'JobState=(PENDING|RUNNING|CONFIGURING|COMPLETING)'"));
}

void SlurmCluster::stop_node(const std::string& node) const {
  output_of("kill -9 $(cat " + (folder_ / ("slurmd." + node + ".pid")).string() + ")");
}

void SlurmCluster::start_node(const std::string& node) const { output_of("slurmd -N " + node); }

void SlurmCluster::stop_controller() const {
  output_of("kill -9 $(cat " + (folder_ / "slurmctld.pid").string() + ")");
}

void SlurmCluster::start_controller() const { output_of("slurmctld"); }

}  // namespace hypersynth::pipeline
